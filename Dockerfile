# One image for every service: `flowtrail serve | collector | api | ui`. It runs as user 10001 and writes to
# /var/lib/flowtrail only.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY sdk sdk
COPY common common
COPY access access
COPY store store
COPY cases cases
COPY collector collector
COPY exporting exporting
COPY importing importing
COPY query_api query_api
COPY dashboards dashboards
COPY server server
COPY store_server store_server
COPY demo demo
# What it needs comes from the lock, by hash; the two packages of this folder are built with what is then installed.
RUN python -m venv /opt/flowtrail \
    && /opt/flowtrail/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.lock \
    && /opt/flowtrail/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation ./sdk .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/flowtrail --shell /usr/sbin/nologin flowtrail \
    && install --directory --owner=flowtrail --group=flowtrail --mode=0750 /var/lib/flowtrail
COPY --from=build /opt/flowtrail /opt/flowtrail
# Inside a container the loopback address reaches nobody; which addresses are published is the host's decision.
ENV PATH=/opt/flowtrail/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FLOWTRAIL_DATA=/var/lib/flowtrail \
    FLOWTRAIL_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/flowtrail
VOLUME /var/lib/flowtrail
EXPOSE 8080 4317 4318
STOPSIGNAL SIGTERM
ENTRYPOINT ["flowtrail"]
CMD ["serve"]
