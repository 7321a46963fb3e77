package monitor

import (
	"errors"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestAServerIsReadyOnceItHasCompared(t *testing.T) {
	start := time.Unix(1_353_118_103, 0)
	for _, test := range []struct {
		what  string
		after time.Duration // its start
		links []herd.LinkStatus
		want  error
	}{
		{"no neighbours", 0, nil, nil},
		{"a link that was not opened yet", 0, []herd.LinkStatus{{Peer: "Meeks"}}, nil},
		{"a link that is being compared", time.Second, []herd.LinkStatus{{Peer: "Meeks", Up: true}}, errNotCompared},
		{"the second of two", time.Second, []herd.LinkStatus{{Peer: "Meeks", Up: true, Checked: start}, {Peer: "Young", Up: true}}, errNotCompared},
		{"all compared", time.Second, []herd.LinkStatus{{Peer: "Meeks", Up: true, Checked: start}, {Peer: "Young", Up: true, Checked: start}}, nil},
		{"compared, and behind", time.Second, []herd.LinkStatus{{Peer: "Meeks", Up: true, Checked: start, Sync: herd.Behind}}, nil},
		{"a moment before it need not wait", settleTime - 1, []herd.LinkStatus{{Peer: "Meeks", Up: true}}, errNotCompared},
		{"as long as it may take", settleTime, []herd.LinkStatus{{Peer: "Meeks", Up: true}}, nil},
	} {
		status := herd.Status{Name: "Hill", Clients: "127.0.0.1:12002", Started: start, Time: start.Add(test.after), Links: test.links}
		if err := ready(status); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
		stopping, deaf := status, status
		stopping.Stopping, deaf.Clients = true, ""
		if err := ready(stopping); !errors.Is(err, errStopping) {
			t.Errorf("%s, and stopping: %v", test.what, err)
		}
		if err := ready(deaf); !errors.Is(err, errNoClients) {
			t.Errorf("%s, and deaf: %v", test.what, err)
		}
	}
	one := herd.Status{Name: "Hill", Clients: "127.0.0.1:12002", Started: start, Time: start, Links: []herd.LinkStatus{{Peer: "Meeks", Up: true}}}
	answer := show(is(one), "GET", "/readyz")
	if want := "Hill: the server does not know yet what it has missed: it compares its records with Meeks's first\n"; answer.Code != 503 || answer.Body.String() != want {
		t.Errorf("%d %q, want 503 %q", answer.Code, answer.Body, want)
	}
}

func TestAFailedJournalIsSeen(t *testing.T) {
	start := time.Unix(1_353_118_103, 0)
	failed := herd.JournalStatus{FailedSince: start.Add(time.Minute), Error: "no space left on device"}
	for _, test := range []struct {
		fsync, want string
		code        int
		works       bool
	}{
		{herd.FsyncSecond, "ready, degraded: journal: failed since 2012-11-17T02:09:23Z: no space left on device\n", 200, false},
		{herd.FsyncAlways, "Hill: the journal has failed, and reports are refused since 2012-11-17T02:09:23Z: no space left on device\n", 503, false},
		{herd.FsyncSecond, "ready\n", 200, true},
		{herd.FsyncAlways, "ready\n", 200, true},
	} {
		journal := failed
		if test.works {
			journal = herd.JournalStatus{}
		}
		journal.Fsync = test.fsync
		status := herd.Status{Name: "Hill", Clients: "127.0.0.1:12002", Started: start, Time: start.Add(time.Hour), Journal: &journal}
		if answer := show(is(status), "GET", "/readyz"); answer.Code != test.code || answer.Body.String() != test.want {
			t.Errorf("%s: %d %q, want %d %q", test.fsync, answer.Code, answer.Body, test.code, test.want)
		}
	}
}

// A server whose sink fails is as ready as ever, and says so.
func TestAFailedSinkIsSeen(t *testing.T) {
	start := time.Unix(1_353_118_103, 0)
	for failed, want := range map[herd.SinkStatus]string{
		{FailedSince: start.Add(time.Minute), Error: "connection refused"}: "ready, degraded: sink: failed since 2012-11-17T02:09:23Z: connection refused\n",
		{Failures: 3}: "ready\n",
	} {
		status := herd.Status{Name: "Hill", Clients: "127.0.0.1:12002", Started: start, Time: start.Add(time.Hour), Sink: &failed}
		if answer := show(is(status), "GET", "/readyz"); answer.Code != 200 || answer.Body.String() != want {
			t.Errorf("%d %q, want %q", answer.Code, answer.Body, want)
		}
	}
}

// On a backbone a server is worth asking once it has found others, and compared what it
// holds.
func TestAServerOnABackboneIsReady(t *testing.T) {
	start := time.Unix(1_353_118_103, 0)
	others := []herd.BackbonePeer{{Name: "Meeks"}}
	for _, test := range []struct {
		what  string
		after time.Duration
		is    herd.BackboneStatus
		want  error
		says  string
	}{
		{"not connected", 0, herd.BackboneStatus{Error: "no servers"}, errNotCompared, "ready, degraded: backbone: not connected: no servers"},
		{"not connected for long", settleTime, herd.BackboneStatus{Error: "no servers"}, nil, "ready, degraded: backbone: not connected: no servers"},
		{"alone", 0, herd.BackboneStatus{Connected: true}, errNotCompared, "ready"},
		{"nothing compared", 0, herd.BackboneStatus{Connected: true, Peers: others, Shards: []herd.ShardStatus{{Held: true, Others: 1}}}, errNotCompared, "ready"},
		{"of no use to compare", 0, herd.BackboneStatus{Connected: true, Peers: others, Shards: []herd.ShardStatus{{Held: true}, {Others: 1}}}, nil, "ready"},
		{"compared", 0, herd.BackboneStatus{Connected: true, Peers: others, Shards: []herd.ShardStatus{{Held: true, Others: 1, Checked: start}}}, nil, "ready"},
	} {
		status := herd.Status{Name: "Hill", Clients: "127.0.0.1:12002", Started: start, Time: start.Add(test.after), Backbone: &test.is}
		if err := ready(status); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
		if got := readyText(status); got != test.says {
			t.Errorf("%s: %q, want %q", test.what, got, test.says)
		}
	}
}
