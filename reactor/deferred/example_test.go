package deferred_test

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

var errNoSuchClient = errors.New("no such client")

// A function that has to wait returns a Deferred. Who called it adds what is to be
// done with the result; who has the result gives it, once.
func ExampleDeferred() {
	d := deferred.New[int](nil)
	d.AddCallback(func(n int) (int, error) { return n + 1, nil })
	d.AddCallback(func(n int) (int, error) { fmt.Println("got", n); return n, nil })
	fmt.Println("waiting")
	d.Callback(41)
	// Output:
	// waiting
	// got 42
}

// An error passes the callbacks over, until an errback takes it.
func ExampleDeferred_AddErrback() {
	d := deferred.Fail[string](errNoSuchClient)
	d.AddCallback(func(string) (string, error) { panic("it is not called") })
	d.AddErrback(func(err error) (string, error) {
		if errors.Is(err, errNoSuchClient) {
			return "nowhere", nil
		}
		return "", err
	})
	d.AddCallback(func(place string) (string, error) { fmt.Println(place); return place, nil })
	// Output: nowhere
}

// The next step may have another type: then the result is a Deferred of that.
func ExampleThen() {
	text := deferred.New[string](nil)
	number := deferred.Then(text, strconv.Atoi)
	number.AddBoth(func(n int, err error) (int, error) { fmt.Println(n, err); return n, nil })
	text.Callback("34")
	// Output: 34 <nil>
}

// A step may have to wait too: what follows waits for both.
func ExampleChain() {
	clock := &task.Clock{}
	slowly := func(n int) *deferred.Deferred[string] {
		return task.DeferLater(clock, time.Minute, func() (string, error) { return strconv.Itoa(n), nil })
	}
	d := deferred.Chain(deferred.Succeed(7), slowly)
	d.AddCallback(func(s string) (string, error) { fmt.Println("got", s); return s, nil })
	fmt.Println("a minute passes")
	clock.Advance(time.Minute)
	// Output:
	// a minute passes
	// got 7
}

// A DeferredList waits for all, and says of each what it came to.
func ExampleDeferredList() {
	farmar, gasol := deferred.New[string](nil), deferred.New[string](nil)
	all := deferred.DeferredList([]*deferred.Deferred[string]{farmar, gasol}, deferred.ListOptions{ConsumeErrors: true})
	all.AddCallback(func(results []deferred.Result[string]) ([]deferred.Result[string], error) {
		for _, r := range results {
			fmt.Println(r.Value, r.Err)
		}
		return results, nil
	})
	gasol.Errback(errNoSuchClient)
	farmar.Callback("here")
	// Output:
	// here <nil>
	//  no such client
}

// Cancel asks for the work to stop, if whoever does it has said how.
func ExampleDeferred_Cancel() {
	d := deferred.New(func(*deferred.Deferred[int]) { fmt.Println("the question is withdrawn") })
	d.AddErrback(func(err error) (int, error) { fmt.Println(err); return 0, nil })
	d.Cancel()
	// Output:
	// the question is withdrawn
	// deferred: cancelled
}

// AddTimeout cancels what takes too long.
func ExampleAddTimeout() {
	clock := &task.Clock{}
	d := deferred.New[int](nil)
	deferred.AddTimeout(d, 5*time.Second, clock)
	d.AddErrback(func(err error) (int, error) { fmt.Println(errors.Is(err, deferred.ErrTimeout)); return 0, nil })
	clock.Advance(5 * time.Second)
	// Output: true
}
