package configfile

import (
	"bytes"
	"slices"
	"testing"

	"proxyherd/herd"
)

// FuzzParse: settings that are taken are written to a file that says the same,
// and every herd that they describe can be run: its first server has a node, and
// opens a link with each of its neighbours.
func FuzzParse(f *testing.F) {
	var text bytes.Buffer
	if err := Write(&text, herd.Default()); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	for _, seed := range []string{
		`{}`, `{"herd": "x", "future": "0s"}`, `{"digest_buckets": 16, "link_mac": true, "limits": {"records": 1, "record_bytes": 65536}}`,
		`{"servers": [{"name": "A", "clients": "127.0.0.1:1", "peers": "127.0.0.1:2", "talks_to": ["\u0042"]},
			{"name": "B", "clients": "[::1]:1", "peers": "[::1]:2", "talks_to": ["A"]}]}`,
		`{"servers": [{"name": "A", "clients": "127.0.0.1:1"}], "upstream": {"kind": "wikipedia"}}`, `{"future": "1.5s"}`, `{"herd": "a b"}`, `{"digest_buckets": 17}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, warnings, err := parse(data)
		if err != nil {
			return
		}
		var text bytes.Buffer
		if err := Write(&text, cfg); err != nil {
			t.Fatal(err)
		}
		again, warnedAgain, err := parse(text.Bytes())
		if err != nil || normal(again) != normal(cfg) || !slices.Equal(warnedAgain, warnings) {
			t.Fatalf("%q is written as\n%s\nand that is read as %+v, %q, %v", data, text.Bytes(), again, warnedAgain, err)
		}
		first := cfg.Servers[0]
		if _, err := herd.NewNode(cfg.Settings(first.Name, herd.Bounds{})); err != nil {
			t.Fatalf("%q is taken, and there is no node: %v", data, err)
		}
		for _, neighbour := range first.TalksTo {
			link(t, &cfg, first.Name, neighbour)
		}
	})
}

// link opens a link between two servers of a herd, by hand.
func link(t *testing.T, cfg *herd.Config, from, to string) {
	t.Helper()
	keys := [][]byte{[]byte("a secret that is long enough")}
	var identities []*herd.Identity
	for _, name := range []string{from, to} {
		identity, err := cfg.Identity(name, 1, keys, cfg.Capabilities(keys)...)
		if err != nil {
			t.Fatalf("%s has no identity: %v", name, err)
		}
		identities = append(identities, identity)
	}
	ends := []*herd.Handshake{herd.NewDialler(identities[0], to, herd.Nonce{1}), herd.NewAcceptor(identities[1], herd.Nonce{2})}
	done := 0
	for line, next := ends[0].Start(), 1; line != nil; next = 1 - next {
		send, over, err := ends[next].Receive(bytes.TrimSuffix(line, []byte{'\n'}))
		if err != nil {
			t.Fatalf("%s and %s do not link: %q: %v", from, to, line, err)
		}
		if line = send; over {
			done++
		}
	}
	if done != len(ends) || !ends[0].Terms().Digest || ends[0].Terms().MAC != cfg.LinkMAC {
		t.Fatalf("%s and %s: %d ends are done, on %+v", from, to, done, ends[0].Terms())
	}
}
