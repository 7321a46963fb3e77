package backbone

import (
	"slices"

	"proxyherd/herd"
)

// Status is what the member says about itself.
func (m *Member) Status() herd.BackboneStatus {
	st := m.status
	st.Connected = m.up
	if !m.up && m.lastWhy != nil {
		st.Error = m.lastWhy.Error()
	}
	st.Peers, st.Shards = []herd.BackbonePeer{}, []herd.ShardStatus{}
	for _, p := range m.peers {
		st.Peers = append(st.Peers, herd.BackbonePeer{Name: p.name, Boot: p.boot.String(), Heard: p.heard.Round(0), Agrees: p.agrees})
	}
	now := m.o.Host.Now()
	for number := range m.o.Shards.Count() {
		shown := herd.ShardStatus{Number: number, Held: m.o.Shards.Has(number), Sync: herd.Unknown}
		for _, p := range m.peers {
			if p.agrees && p.has[number] {
				shown.Others++
			}
		}
		if i := slices.IndexFunc(m.shards, func(s *shard) bool { return s.number == number }); i >= 0 {
			s := m.shards[i]
			shown.Checked, shown.Differ = s.checked.Round(0), s.differ
			if !s.checked.IsZero() && now.Sub(s.checked) <= herd.SyncTrust {
				shown.Sync = s.sync
			}
		}
		st.Shards = append(st.Shards, shown)
	}
	return st
}
