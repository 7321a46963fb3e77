package task_test

import (
	"fmt"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// A LoopingCall calls again and again. With a Clock in place of a reactor, the
// test says how time passes.
func ExampleLoopingCall() {
	clock := task.NewClock(time.Unix(0, 0).UTC())
	l := task.NewLoopingCall(clock, func() *deferred.Deferred[struct{}] {
		fmt.Println(clock.Seconds().Format(time.TimeOnly))
		return nil
	})
	l.Start(2*time.Second, true)
	clock.Pump(2*time.Second, 2*time.Second)
	l.Stop()
	clock.Advance(time.Hour)
	// Output:
	// 00:00:00
	// 00:00:02
	// 00:00:04
}
