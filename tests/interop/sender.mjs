// OpenTelemetry's Node SDK as an application uses it. The way to the collector comes from the environment alone:
// OTEL_EXPORTER_OTLP_ENDPOINT, _PROTOCOL, _COMPRESSION. Sends a trace of two spans, a log record and three metrics.
import { context, logs, metrics, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ instrumentations: [] });
sdk.start();

const tracer = trace.getTracer('interop', '1.2.3');
const outer = tracer.startSpan('outer', { kind: SpanKind.SERVER, attributes: { 'flow.name': 'interop', 'flow.case.id': 'N-1', 'flow.step': 'outer' } });
const within = trace.setSpan(context.active(), outer);
const inner = tracer.startSpan(
  'inner',
  { kind: SpanKind.CLIENT, attributes: { text: 'ü', yes: true, whole: 42, part: 0.5, list: ['a', 'b'] }, links: [{ context: outer.spanContext() }] },
  within,
);
inner.addEvent('looked', { at: 'shelf' });
inner.setStatus({ code: SpanStatusCode.ERROR, message: 'not there' });
inner.end();
outer.end();

logs.getLogger('interop', '1.2.3').emit({
  severityNumber: SeverityNumber.WARN,
  severityText: 'WARN',
  body: 'nothing on the shelf',
  attributes: { 'flow.name': 'interop', 'flow.case.id': 'N-1' },
  context: within,
});

const meter = metrics.getMeter('interop', '1.2.3');
meter.createCounter('flow.kpi.picked', { unit: '1' }).add(3, { 'flow.name': 'interop' });
meter.createGauge('shelf.temperature', { unit: 'Cel' }).record(21.5);
meter.createHistogram('shelf.walk', { unit: 's' }).record(4);

await sdk.shutdown();
console.log(JSON.stringify({ trace: outer.spanContext().traceId, outer: outer.spanContext().spanId, inner: inner.spanContext().spanId }));
