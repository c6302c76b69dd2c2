// How far the projection under way, or the last one, has come.
// params: none
// returns: run_id, snapshot_id, applied, target, batches_done, batches, started_on, finished_on
MATCH (n:Projection {projection_key: 'graph'})
RETURN n.run_id AS run_id, n.snapshot_id AS snapshot_id, n.applied AS applied,
  n.target AS target, n.batches_done AS batches_done, n.batches AS batches,
  n.started_on AS started_on, n.finished_on AS finished_on
