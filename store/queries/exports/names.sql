-- Which attributes do the steps of a flow carry for which not every event table has a column: dimensions, types of ids and links,
-- details of approvals?
SELECT DISTINCT arrayJoin(arrayConcat(
    arrayMap(name -> concat('flow.dim.', name), mapKeys(Dims)),
    arrayMap(type -> concat('flow.ref.', type), Refs.Type),
    arrayMap(link -> concat('flow.link.', link.SourceType, '.', link.TargetType), Links),
    arrayFilter(name -> name != '', [
        if(isNotNull(ApprovalTimeoutS), 'flow.approval.timeout_s', ''),
        if(EscalateTo != '', 'flow.approval.escalate_to', ''),
        if(OnTimeout != '', 'flow.approval.on_timeout', ''),
        if(Decision != '', 'flow.approval.decision', ''),
        if(DecidedBy != '', 'flow.approval.decided_by', '')]))) AS Name
FROM steps
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String})
ORDER BY Name
