package monitor

import "proxyherd/herd"

// saved is values for what a server's journal tells, if it has one.
func saved(of func(j *herd.JournalStatus) float64) func(*Measures, put) {
	return func(m *Measures, put put) {
		if j := m.Status.Journal; j != nil {
			put(of(j))
		}
	}
}

var journalMetrics = []metric{
	{name: "herd_journal_failed_since_timestamp_seconds", kind: gauge, help: "When the journal's disk began to fail, since 1970; 0 while it works.",
		values: saved(func(j *herd.JournalStatus) float64 { return seconds(j.FailedSince) })},
	{name: "herd_journal_failures_total", kind: counter, help: "Failed attempts to write the journal.",
		values: saved(func(j *herd.JournalStatus) float64 { return float64(j.Failures) })},
	{name: "herd_journal_waiting_records", kind: gauge, help: "Records that are not safe yet.",
		values: saved(func(j *herd.JournalStatus) float64 { return float64(j.Waiting) })},
	{name: "herd_journal_waiting_bytes", kind: gauge, help: "Bytes of their lines.",
		values: saved(func(j *herd.JournalStatus) float64 { return float64(j.WaitingBytes) })},
	{name: "herd_journal_saved_total", kind: counter, help: "Records that were made safe.",
		values: saved(func(j *herd.JournalStatus) float64 { return float64(j.Saved) })},
	{name: "herd_journal_batches_total", kind: counter, help: "Batches in which they were, each synced once.",
		values: saved(func(j *herd.JournalStatus) float64 { return float64(j.Batches) })},
	{name: "herd_journal_last_sync_timestamp_seconds", kind: gauge, help: "When the last batch was safe, since 1970; 0: none was.",
		values: saved(func(j *herd.JournalStatus) float64 { return seconds(j.LastSync) })},
	{name: "herd_journal_longest_lag_seconds", kind: gauge, help: "The longest time that a record ever waited until it was safe.",
		values: saved(func(j *herd.JournalStatus) float64 { return j.LongestLag })},
	{name: "herd_journal_loaded_records", kind: gauge, help: "Records that the journal had when the server started.",
		values: saved(func(j *herd.JournalStatus) float64 { return float64(j.Loaded) })},
	{name: "herd_journal_unloaded_records", kind: gauge, help: "Of those, how many the server did not take.",
		values: saved(func(j *herd.JournalStatus) float64 { return float64(j.Dropped) })},
}
