"""Pages of Flowtrail: order trails and business figures, drawn from the query API and from nothing else."""
