package herdtest

import "testing"

// What a server of either design does wrong on purpose is seen by what the tests look
// at: else they would pass a server that does it by mistake.
func TestFaultsAreSeen(t *testing.T) {
	t.Run("echo", func(t *testing.T) {
		OnBoth(t, Setup{Fault: Fault{Echo: true}}, func(t *testing.T, h Twin) {
			before := messages(h)
			say(t, h, "Hill", report(h, "a"))
			settle(h)
			if n := messages(h) - before; n <= 6 {
				t.Errorf("an update that is echoed took %d messages, want more than 6", n)
			}
		})
	})
	t.Run("no resync", func(t *testing.T) {
		OnBoth(t, Setup{Fault: Fault{NoResync: true}}, func(t *testing.T, h Twin) {
			h.Kill("Hill")
			say(t, h, "Farmar", report(h, "a"))
			settle(h)
			h.Start("Hill")
			h.Wait(h.Linked)
			settle(h)
			if n := h.Measures("Hill").Status.Records; n != 0 {
				t.Errorf("without a comparison Hill has %d records, want none", n)
			}
		})
	})
}
