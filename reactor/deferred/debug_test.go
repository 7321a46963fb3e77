package deferred_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"proxyherd/reactor/deferred"
)

// collectReports sends what is reported to a channel until the test is over.
func collectReports(t *testing.T) <-chan *deferred.UnhandledError {
	reports := make(chan *deferred.UnhandledError, 100)
	deferred.ReportUnhandled(func(e *deferred.UnhandledError) { reports <- e })
	t.Cleanup(func() { deferred.ReportUnhandled(nil) })
	return reports
}

func withDebugging(t *testing.T) {
	deferred.SetDebugging(true)
	t.Cleanup(func() { deferred.SetDebugging(false) })
}

// collections is how often the collector is run before a test gives up: one or
// two are enough, its cleanups run beside us.
const collections = 2000

// nextReport runs the collector until there is a report.
func nextReport(t *testing.T, reports <-chan *deferred.UnhandledError) *deferred.UnhandledError {
	t.Helper()
	for range collections {
		select {
		case e := <-reports:
			return e
		default:
			runtime.GC()
		}
	}
	t.Fatal("no report, however often the collector ran")
	return nil
}

// noReport sees that what members gives is collected unreported. A last error
// that is reported tells that the reports before it are out.
func noReport(t *testing.T, reports <-chan *deferred.UnhandledError, members func() numbers) {
	t.Helper()
	collected := watch(members)
	for i := 0; i < collections && len(collected) < cap(collected); i++ {
		runtime.GC()
	}
	if len(collected) < cap(collected) {
		t.Fatal("not collected, however often the collector ran")
	}
	forget(func() { deferred.Fail[int](errSecond) })
	if e := nextReport(t, reports); !errors.Is(e, errSecond) {
		t.Errorf("reported: %v", e)
	}
}

//go:noinline
func watch(members func() numbers) chan struct{} {
	made := members()
	collected := make(chan struct{}, len(made))
	for _, d := range made {
		runtime.AddCleanup(d, func(struct{}) { collected <- struct{}{} }, struct{}{})
	}
	return collected
}

// forget calls f so that nothing of it stays on the stack.
//
//go:noinline
func forget(f func()) { f() }

func failsHere() { deferred.New[int](nil).Errback(errFirst) }

func TestUnhandledError(t *testing.T) {
	t.Run("is reported when the Deferred is garbage", func(t *testing.T) {
		reports := collectReports(t)
		forget(failsHere)
		e := nextReport(t, reports)
		equal(t, "message", e.Error(), "unhandled error in Deferred: the first thing went wrong")
		equal(t, "the error", errors.Is(e, errFirst), true)
	})
	t.Run("names where it was created and fired when debugging", func(t *testing.T) {
		reports := collectReports(t)
		withDebugging(t)
		forget(failsHere)
		text := nextReport(t, reports).Error()
		created, fired, found := strings.Cut(text, "First invoker was:")
		if !found || !strings.Contains(created, "failsHere") || !strings.Contains(fired, "debug_test.go") {
			t.Errorf("reported: %s", text)
		}
	})
	t.Run("of a step is reported too", func(t *testing.T) {
		reports := collectReports(t)
		forget(func() { deferred.Succeed(1).AddCallback(func(int) (int, error) { panic(errFirst) }) })
		if e := nextReport(t, reports); !errors.Is(e, errFirst) {
			t.Errorf("reported: %v", e)
		}
	})
	t.Run("that an errback takes, even late, is not reported", func(t *testing.T) {
		reports := collectReports(t)
		noReport(t, reports, func() numbers { return numbers{deferred.Fail[int](errFirst).AddErrback(restart)} })
	})
	t.Run("that moved to the outer one is the outer one's", func(t *testing.T) {
		reports := collectReports(t)
		noReport(t, reports, func() numbers {
			fired, later := deferred.Fail[int](errFirst), deferred.New[int](nil)
			one := deferred.Succeed(1).AddDeferred(waitFor(fired)).AddErrback(restart)
			two := deferred.Succeed(1).AddDeferred(waitFor(later)).AddErrback(restart)
			later.Errback(errFirst)
			return numbers{fired, later, one, two}
		})
	})
	t.Run("that an errback answers with another Deferred is not reported", func(t *testing.T) {
		reports := collectReports(t)
		noReport(t, reports, func() numbers {
			again := deferred.New[int](nil)
			d := deferred.Fail[int](errFirst).AddErrbackDeferred(func(error) *number { return again })
			again.Callback(1)
			return numbers{d, again}
		})
	})
	t.Run("that its Deferred had before it waits is not reported", func(t *testing.T) {
		reports := collectReports(t)
		noReport(t, reports, func() numbers {
			never := deferred.New[int](nil)
			return numbers{deferred.Fail[int](errFirst).AddErrbackDeferred(func(error) *number { return never })}
		})
	})
	t.Run("that steps are still to see is not reported", func(t *testing.T) {
		reports := collectReports(t)
		noReport(t, reports, func() numbers {
			d := deferred.New[int](nil)
			d.AddCallback(func(int) (int, error) { d.Pause(); return 0, errFirst }).AddErrback(restart)
			d.Callback(1)
			return numbers{d}
		})
	})
	t.Run("of the outer one is reported once", func(t *testing.T) {
		reports := collectReports(t)
		forget(func() { deferred.Succeed(1).AddDeferred(waitFor(deferred.Fail[int](errFirst))) })
		if e := nextReport(t, reports); !errors.Is(e, errFirst) {
			t.Errorf("reported: %v", e)
		}
		noReport(t, reports, func() numbers { return nil })
	})
	t.Run("that went to another Deferred is the other one's", func(t *testing.T) {
		reports := collectReports(t)
		noReport(t, reports, func() numbers {
			other := deferred.New[int](nil).AddErrback(restart)
			return numbers{deferred.Fail[int](errFirst).ChainDeferred(other), other}
		})
	})
	t.Run("without anybody to report to costs nothing", func(t *testing.T) {
		fail := func() { kept = deferred.New[int](nil); kept.Errback(errFirst) }
		equal(t, "allocations", testing.AllocsPerRun(100, fail), 1)
	})
}

func TestDebugging(t *testing.T) {
	value := func(d *number) { d.Callback(1) }
	failure := func(d *number) { d.Errback(errFirst) }
	for _, c := range []struct {
		name          string
		first, second func(*number)
	}{
		{"Callback twice", value, value},
		{"Callback, then Errback", value, failure},
		{"Errback, then Callback", failure, value},
		{"Errback twice", failure, failure},
	} {
		t.Run(c.name+" names the creator and the first invoker", func(t *testing.T) {
			withDebugging(t)
			equal(t, "GetDebugging", deferred.GetDebugging(), true)
			d := createdHere()
			func() { invokedHere(d, c.first) }()
			err := panicked(t, func() { c.second(d) })
			equal(t, "is ErrAlreadyCalled", errors.Is(err, deferred.ErrAlreadyCalled), true)
			created, fired, found := strings.Cut(err.Error(), "First invoker was:")
			if !found || !strings.Contains(created, "createdHere") || !strings.Contains(fired, "invokedHere") ||
				strings.Contains(err.Error(), "reactor/deferred.") {
				t.Errorf("the panic says: %v", err)
			}
		})
	}
	t.Run("without it the panic is bare", func(t *testing.T) {
		d := deferred.Succeed(1)
		equal(t, "panic", panicked(t, func() { d.Callback(1) }), deferred.ErrAlreadyCalled)
	})
	t.Run("may be switched in the middle of a life", func(t *testing.T) {
		withDebugging(t)
		before := createdHere()
		deferred.SetDebugging(false)
		before.Callback(1)
		text := panicked(t, func() { before.Callback(1) }).Error()
		if !strings.Contains(text, "createdHere") || strings.Contains(text, "First invoker") {
			t.Errorf("the panic says: %v", text)
		}
		after := createdHere()
		deferred.SetDebugging(true)
		invokedHere(after, value)
		text = panicked(t, func() { after.Callback(1) }).Error()
		if strings.Contains(text, "createdHere") || !strings.Contains(text, "invokedHere") {
			t.Errorf("the panic says: %v", text)
		}
	})
}

//go:noinline
func createdHere() *number { return deferred.New[int](nil) }

//go:noinline
func invokedHere(d *number, f func(*number)) { f(d) }
