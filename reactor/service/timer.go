package service

import (
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// TimerService calls a function at once and every so often while it runs:
// twisted/application/internet.py:229 TimerService.
type TimerService struct {
	Base
	Clock reactor.Time
	Step  time.Duration
	// Call is called; a Deferred that it returns holds the next call back. A
	// failure or a panic is logged, and there are no more calls.
	Call func() *deferred.Deferred[struct{}]
	Log  reactor.Logger // nil drops what it is told

	loop  *task.LoopingCall
	ended *deferred.Deferred[struct{}] // of the loop
}

// StartService makes the first call before it returns. The error is
// task.ErrInterval or, while the last call before StopService has not ended,
// task.ErrLoopRunning.
func (s *TimerService) StartService() error {
	if s.loop == nil {
		s.loop = task.NewLoopingCall(s.Clock, s.Call)
	}
	d, err := s.loop.Start(s.Step, true)
	if err != nil {
		return err
	}
	s.Running = true
	s.ended = deferred.Then(d.AddErrback(func(err error) (*task.LoopingCall, error) {
		if s.Log != nil {
			s.Log.Err("TimerService", err, "in the call of a TimerService; there will be no more")
		}
		return nil, nil
	}), func(*task.LoopingCall) (struct{}, error) { return struct{}{}, nil })
	return nil
}

// StopService ends the calls. The Deferred fires when the one that is under way
// has ended.
func (s *TimerService) StopService() *deferred.Deferred[struct{}] {
	s.Running = false
	if s.loop != nil && s.loop.Running() {
		_ = s.loop.Stop() // it runs: there is nothing to refuse
	}
	return s.ended
}
