-- Retries of the cases that started in the window, by step and system, in millionths: a retry shared by n cases counts 1/n in
-- each. A case has several rows for one step and system where kinds or currencies differ; a retry is wasted when none of
-- them succeeded.
-- @from
started
-- @columns
-- Most cases have no retry: only what was retried is looked at.
arrayFilter(i -> StepTotals.Retries[i] > 0, arrayEnumerate(StepTotals.Retries)) AS tried,
if(empty(tried), [], arrayFilter((at, ok) -> ok, arrayZip(StepTotals.Step, StepTotals.System), StepTotals.Succeeded)) AS good,
arrayMap(
    i -> CAST(
        (StepTotals.Step[i], StepTotals.System[i], true, NOT has(good, (StepTotals.Step[i], StepTotals.System[i])),
            StepTotals.RetryShare[i], if(has(good, (StepTotals.Step[i], StepTotals.System[i])), 0, StepTotals.RetryShare[i]),
            StepTotals.CostCurrency[i], StepTotals.RetryCost[i]),
        'Tuple(step String, system String, retried Bool, wasted Bool, retries UInt64, wasted_retries UInt64,
            currency String, retry_cost Decimal(18, 6))'),
    tried) AS retried_at,
Retries > 0 AS retried,
arrayExists(place -> place.wasted, retried_at) AS wasted,
arraySum(place -> place.retries, retried_at) AS retries,
arraySum(place -> place.wasted_retries, retried_at) AS wasted_retries,
retried_at.currency AS currency,
retried_at.retry_cost AS retry_cost
