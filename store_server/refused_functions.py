"""Functions of the engine that readers may not call, and why. See also ``allowed_functions``.

A test compares both lists with the engine: a function that neither names was not thought about yet, and is refused.
"""

from __future__ import annotations

from typing import Final

# Read files, run programs, or take code as text.
_CODE: Final = """
    AIClassify aiClassify AIEmbed aiEmbed AIExtract aiExtract AIFilter aiFilter AIGenerate aiGenerate AIRedact
    aiRedact AISimilarity aiSimilarity AITranslate aiTranslate chdb evalMLMethod file naiveBayesClassifier
    naiveBayesClassifierWithAllProbs naiveBayesClassifierWithProb naiveBayesNgrams
"""
# Read dictionaries, join tables and geobases, which no row policy covers.
_LOOKUPS: Final = """
    dictGet dictGetAll dictGetChildren dictGetDate dictGetDateOrDefault dictGetDateTime dictGetDateTimeOrDefault
    dictGetDescendants dictGetFloat32 dictGetFloat32OrDefault dictGetFloat64 dictGetFloat64OrDefault
    dictGetHierarchy dictGetInt16 dictGetInt16OrDefault dictGetInt32 dictGetInt32OrDefault dictGetInt64
    dictGetInt64OrDefault dictGetInt8 dictGetInt8OrDefault dictGetIPv4 dictGetIPv4OrDefault dictGetIPv6
    dictGetIPv6OrDefault dictGetKeys dictGetOrDefault dictGetOrNull dictGetRoot dictGetString
    dictGetStringOrDefault dictGetUInt16 dictGetUInt16OrDefault dictGetUInt32 dictGetUInt32OrDefault dictGetUInt64
    dictGetUInt64OrDefault dictGetUInt8 dictGetUInt8OrDefault dictGetUUID dictGetUUIDOrDefault dictHas dictIsIn
    joinGet joinGetOrNull regionHierarchy regionIn regionToArea regionToCity regionToContinent regionToCountry
    regionToDistrict regionToName regionToPopulation regionToTopContinent
"""
# Tell of tables, parts and columns beside the policies.
_STRUCTURE: Final = """
    __patchPartitionID blockSerializedSize dumpColumnStructure getMaxTableNameLengthForDatabase
    getMergeTreeSetting getTypeSerializationStreams hasColumnInTable indexHint isMergeTreePartCoveredBy
    lowCardinalityIndices lowCardinalityKeys mergeTreePartInfo partitionID partitionId
"""
# Tell of the machine, the process and its configuration.
_MACHINE: Final = """
    addressToLine addressToLineWithInlines addressToSymbol buildId currentHandler currentProfiles
    currentRequestURL currentRoles defaultProfiles defaultRoles demangle enabledProfiles enabledRoles
    filesystemAvailable filesystemCapacity filesystemUnreserved flameGraph FQDN fullHostName getClientHTTPHeader
    getMacro getOSKernelVersion getServerPort getServerSetting hasThreadFuzzer hostName hostname serverUUID
    shardCount shardNum showCertificate tcpPort tid transactionID transactionLatestSnapshot
    transactionOldestSnapshot zookeeperSessionUptime
"""
# Have an effect: on the log, on a counter, on the query itself.
_EFFECTS: Final = """
    aggThrow generateSerialID logTrace timeSeriesCopyTag timeSeriesCopyTags timeSeriesExtractTag
    timeSeriesGroupToSamplingKey timeSeriesGroupToTags timeSeriesIdToGroup timeSeriesIdToTags
    timeSeriesIdToTagsGroup timeSeriesJoinTags timeSeriesMetricTypeToSuffixes timeSeriesPrometheusValueToString
    timeSeriesRemoveAllTagsExcept timeSeriesRemoveTag timeSeriesRemoveTags timeSeriesReplaceTag
    timeSeriesStoreTags timeSeriesTagsGroupToTags timeSeriesTagsToGroup timeSeriesTagsToMap
    timeSeriesThrowDuplicateSeriesIf
"""
# The engine's own, or parsers of SQL.
_INTERNAL: Final = """
    __actionName __applyFilter __bitBoolMaskAnd __bitBoolMaskOr __bitSwapLastTwo __bitWrapperFunc __getScalar
    __groupingForCube __groupingForGroupingSets __groupingForRollup __groupingOrdinary __scalarSubqueryResult
    __toYearCalendarOnly formatQuery formatQueryFromJSON formatQueryOrNull formatQuerySingleLine
    formatQuerySingleLineOrNull fuzzQuery generateRandomStructure highlightQuery normalizedQueryHash
    normalizedQueryHashKeepNames normalizeQuery normalizeQueryKeepNames obfuscateQuery obfuscateQueryWithSeed
    parseQueryToJSON structureToCapnProtoSchema structureToProtobufSchema tokenizeQuery
"""

REFUSED_FUNCTIONS: Final = frozenset(f"{_CODE} {_LOOKUPS} {_STRUCTURE} {_MACHINE} {_EFFECTS} {_INTERNAL}".split())
