//go:build linux

package gnetreactor

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The poller tells of input once: these tests have it come where nobody reads it then.

func TestInputThatCameWhilePausedIsReadAfterwards(t *testing.T) {
	// Each connection's event is the only one that tells of its input. The first to have
	// one pauses both, and resumes them in the same turn, or in a later one.
	for name, later := range map[string]bool{"in one turn": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			r, _ := newTestReactor(t, Config{})
			var all []*conversation
			came := map[*conversation]int{}
			resume := func() {
				for _, c := range all {
					c.transport.ResumeProducing()
				}
			}
			crowdOf(t, r, 2, func(c *conversation) { all = append(all, c) }, func(_ int, c *conversation) {
				came[c]++
				if len(came) == 2 {
					stop(r)
					return
				}
				for _, c := range all {
					c.transport.PauseProducing()
				}
				if later {
					r.CallLater(10*time.Millisecond, resume)
				} else {
					r.CallFromThread(resume) // runs after the batch
				}
			})
			if len(came) != 2 {
				t.Errorf("input of %d connections was read", len(came))
			}
		})
	}
}

func TestWhatStandsBehindAnUrgentByteIsRead(t *testing.T) {
	// A read ends before the urgent byte, whatever stands behind it.
	r, _ := newTestReactor(t, Config{})
	var got []byte
	number := listen(t, r, each(func() *conversation {
		return &conversation{received: func(_ *conversation, data []byte) error {
			if got = append(got, data...); bytes.HasSuffix(got, []byte("behind")) {
				stop(r)
			}
			return nil
		}}
	}))
	r.CallWhenRunning(func() {
		c := dial(t, number)
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte("before"))
		_ = raw.Control(func(fd uintptr) {
			if err := unix.Sendto(int(fd), []byte("!"), unix.MSG_OOB, nil); err != nil {
				t.Error(err)
			}
		})
		_, _ = c.Write([]byte("behind"))
	})
	run(t, r)
	if string(got) != "beforebehind" {
		t.Errorf("%q was read", got)
	}
}

func TestOneThatAlwaysHasMoreLeavesTheOthersTheirTurn(t *testing.T) {
	// Both have input before the loop looks; of one it is many reads.
	r, _ := newTestReactor(t, Config{})
	reads, readsBefore := 0, -1
	number := listen(t, r, each(func() *conversation {
		return &conversation{received: func(_ *conversation, data []byte) error {
			if len(data) > 1 {
				reads++
				return nil
			}
			readsBefore = reads
			stop(r)
			return nil
		}}
	}))
	r.CallWhenRunning(func() {
		flood, other := dial(t, number), dial(t, number)
		// There is room for it in the buffers of both sides, where nobody reads yet.
		if err := flood.SetWriteBuffer(4 * readSize); err != nil {
			t.Fatal(err)
		}
		if _, err := flood.Write(make([]byte, 4*readSize)); err != nil {
			t.Error(err)
		}
		if _, err := other.Write([]byte("x")); err != nil {
			t.Error(err)
		}
	})
	run(t, r)
	// The connections may be accepted in one batch or in two.
	if readsBefore > 2 {
		t.Errorf("%d reads of one connection before the other's first", readsBefore)
	}
}
