-- Links by where they lead: how many ids lead to one is counted here. Fewer rows a granule, because the fold asks for single ids.
CREATE TABLE IF NOT EXISTS links_by_target
(
    Tenant LowCardinality(String),
    SourceValue String CODEC(ZSTD(1)),
    SourceType LowCardinality(String),
    Flow LowCardinality(String),
    TargetType LowCardinality(String),
    TargetValue String CODEC(ZSTD(1))
)
ENGINE = ${replacing}
ORDER BY (Tenant, TargetValue, TargetType, Flow, SourceType, SourceValue)
SETTINGS index_granularity = 256;

CREATE MATERIALIZED VIEW IF NOT EXISTS links_to_links_by_target TO links_by_target AS
SELECT Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue FROM links;

INSERT INTO links_by_target (Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue)
SELECT Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue FROM links;

-- Ids to which more ids lead than their flow allows: no case reaches anything through them. Links are never withdrawn, so a hub
-- stays one. Settled once the cases that had reached something through it are folded without.
CREATE TABLE IF NOT EXISTS hubs
(
    Tenant LowCardinality(String),
    IdValue String CODEC(ZSTD(1)),
    IdType LowCardinality(String),
    Flow LowCardinality(String),
    Since DateTime64(3, 'UTC'),
    Settled UInt8
)
ENGINE = ${replacing}(Settled)
ORDER BY (Tenant, IdValue, IdType, Flow);

-- Ids that are written neither all in capitals nor all in small letters, by their small letters: search tries those two spellings
-- itself, so only the mixed ones need a row.
CREATE TABLE IF NOT EXISTS spellings
(
    Tenant LowCardinality(String),
    Folded String CODEC(ZSTD(1)),
    IdValue String CODEC(ZSTD(1))
)
ENGINE = ${replacing}
ORDER BY (Tenant, Folded, IdValue)
SETTINGS index_granularity = 256, ${deduplication};

CREATE MATERIALIZED VIEW IF NOT EXISTS arrivals_to_spellings TO spellings AS
SELECT DISTINCT Tenant, lowerUTF8(IdValue) AS Folded, IdValue
FROM arrivals
ARRAY JOIN arrayConcat([CaseId], Refs.Value, Links.SourceValue, Links.TargetValue) AS IdValue
WHERE IdValue != lowerUTF8(IdValue) AND IdValue != upperUTF8(lowerUTF8(IdValue));

INSERT INTO spellings (Tenant, Folded, IdValue)
SELECT DISTINCT Tenant, lowerUTF8(IdValue) AS Folded, IdValue
FROM all_arrivals
ARRAY JOIN arrayConcat([CaseId], Refs.Value, Links.SourceValue, Links.TargetValue) AS IdValue
WHERE IdValue != lowerUTF8(IdValue) AND IdValue != upperUTF8(lowerUTF8(IdValue));

-- What the fold knows of itself: which version of it made the cases ('version'), and whether tables computed beside the live ones
-- are being put in their place ('replacing').
CREATE TABLE IF NOT EXISTS fold_state
(
    Name LowCardinality(String),
    Value UInt64,
    At DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ${replacing}(At)
ORDER BY Name;
