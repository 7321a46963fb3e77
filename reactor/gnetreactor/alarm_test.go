//go:build linux

package gnetreactor

import "testing"

// What is due at once runs in the next turn without the alarm, which would cost the
// system an interrupt.
func TestWhatIsDueAtOnceSetsNoAlarm(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	ran := 0
	var next func()
	next = func() {
		if !r.alarmSet.IsZero() {
			t.Errorf("before call %d the alarm was set", ran)
		}
		if ran++; ran == 5 {
			stop(r)
			return
		}
		r.CallLater(0, next)
	}
	r.CallWhenRunning(next)
	run(t, r)
	if ran != 5 {
		t.Errorf("%d calls ran", ran)
	}
}
