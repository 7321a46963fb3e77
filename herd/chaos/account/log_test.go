package account

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// aLog is one of a server that was killed at 12:00:01, in the middle of a line. The
// record of fig is in no line.
const aLog = `2026-11-22T12:00:00.000001Z < client#1 "IAMAT kiwi +1+1 1"
2026-11-22T12:00:00.000002Z > client#1 "AT Farmar +0.000000000 kiwi +1+1 1"
2026-11-22T12:00:00.000003Z > peer#2=Meeks "AT Farmar +0.000000000 kiwi +1+1 1"
2026-11-22T12:00:00.000004Z < peer#2=Meeks "AT Meeks +0.000000000 plum +1+1 5"
2026-11-22T12:00:00.000005Z > peer#2=Meeks "AT Farm
2026-11-22T12:00:02.000001Z ! info "server started" boot=1 server=Farmar
2026-11-22T12:00:02.000002Z < peer#1=Meeks "AT Meeks +0.000000000 plum +1+1 4"
2026-11-22T12:00:02.000003Z > client#3 "AT Hill +0.000000000 pear +1+1 9"
2026-11-22T12:00:02.000004Z > client#3 "{}"
2026-11-22T12:00:02.000005Z < client#3 "AT Hill +0.000000000 lies +1+1 9"
2026-11-22T12:00:02.000006Z < peer#1=Meeks "AT Hill +0.000000000 half +1+1 9" open
`

func logsOf(t *testing.T, texts ...string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for i, text := range texts {
		paths = append(paths, filepath.Join(dir, string(rune('a'+i))))
		if err := os.WriteFile(paths[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

func TestALogTellsWhatItsServerHad(t *testing.T) {
	start := time.Date(2026, 11, 22, 12, 0, 1, 0, time.UTC)
	// As one file, and as two after a rotation.
	for _, texts := range [][]string{{aLog}, strings.SplitAfterN(aLog, "kiwi +1+1 1\"\n", 2)} {
		r, err := ReadLogs(order, start, logsOf(t, texts...)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			what string
			n    Newest
			id   string
			want string
		}{
			{"ever", r.Ever, "kiwi", "AT Farmar +0.000000000 kiwi +1+1 1"},
			{"ever", r.Ever, "plum", "AT Meeks +0.000000000 plum +1+1 5"},
			{"ever", r.Ever, "pear", "AT Hill +0.000000000 pear +1+1 9"},
			{"ever", r.Ever, "lies", "nothing"},
			{"ever", r.Ever, "half", "nothing"},
			{"ever", r.Ever, "fig", "nothing"},
			{"since its start", r.Since, "kiwi", "nothing"},
			{"since its start", r.Since, "plum", "AT Meeks +0.000000000 plum +1+1 4"},
			{"since its start", r.Since, "pear", "AT Hill +0.000000000 pear +1+1 9"},
		} {
			if got := test.n[test.id].String(); got != test.want {
				t.Errorf("%s it had %q of %s, want %q", test.what, got, test.id, test.want)
			}
		}
		if r.Lines != 4 || r.Dropped {
			t.Errorf("%d records received, dropped: %v", r.Lines, r.Dropped)
		}
	}
}

func TestALogWithGapsSaysSo(t *testing.T) {
	for _, line := range []string{
		`2026-11-22T12:00:02.000003Z > client#3 "AT Hi" gap=17`,
		`2026-11-22T12:00:02.000003Z ! error "the log file could not be written for a while" errors=3 lost_bytes=100`,
		`2026-11-22T12:00:02.000003Z ! warn "dropped what the disk was too slow for" bytes=100 chunks=3`,
	} {
		r, err := ReadLogs(order, time.Time{}, logsOf(t, aLog+line+"\n")...)
		if err != nil || !r.Dropped {
			t.Errorf("%s: dropped is %v, error %v", line, r.Dropped, err)
		}
	}
	if _, err := ReadLogs(order, time.Time{}, "/nowhere/at/all"); err == nil {
		t.Error("a log that is not there was read")
	}
}
