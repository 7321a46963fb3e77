package calls

import (
	"os"
	"strings"
	"testing"
)

// counts is what perf writes.
const counts = `1000,,syscalls:sys_enter_read,123,100.00,,
7,,syscalls:sys_enter_recvfrom,123,100.00,,
900,,syscalls:sys_enter_write,123,100.00,,
50,,syscalls:sys_enter_writev,123,100.00,,
600,,syscalls:sys_enter_epoll_pwait,123,100.00,,
400,,syscalls:sys_exit_epoll_pwait,123,100.00,,
<not supported>,,syscalls:sys_exit_epoll_wait,0,100.00,,
3000,,raw_syscalls:sys_enter,123,100.00,,
`

func TestWhatPerfWritesIsRead(t *testing.T) {
	got, err := parse(counts)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counts{Read: 1007, Write: 950, Wait: 600, Turns: 400, All: 3000}); *got != want {
		t.Errorf("%+v, want %+v", *got, want)
	}
	for _, text := range []string{"", "Error:\nAccess to performance monitoring is limited.\n", "5,,syscalls:sys_enter_read,1,100,,\n"} {
		if got, err := parse(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

// Where perf is there and allowed, calls that are made are counted; where it is not, the
// reason is told.
func TestOwnCallsAreCounted(t *testing.T) {
	stop := Count(t.Context(), os.Getpid())
	const calls = 1000
	null, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for range calls {
		if _, err := null.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	got := stop()
	switch {
	case got.Missing == "" && (got.Read < calls || got.All < got.Read):
		t.Errorf("of %d reads %d were counted, and %d calls in all", calls, got.Read, got.All)
	case got.Missing != "" && !strings.Contains(got.Missing, "perf"):
		t.Errorf("calls are not counted, and the reason is %q", got.Missing)
	}
}
