package main

import (
	"fmt"
	"sync"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// limit is how long a turn may take before it is slow.
const limit = 20 * time.Millisecond

// asked answers lines on the loop, which waits with the service.
type asked struct {
	protocols.LineReceiver
	service *service
}

func (a *asked) LineReceived(line []byte) error {
	a.SendLine([]byte(a.service.answer(string(line))))
	return nil
}

// onReactor serves on a loop that measures its turns, as any server of the herd does
// (slow_turn in its settings).
func onReactor(s *service) (address string, stop func() string, err error) {
	var mu sync.Mutex
	noticed := "nothing"
	loop := gnetreactor.New(gnetreactor.Config{
		NoSignalHandlers: true, SlowTurn: limit,
		OnSlowTurn: func(turn gnetreactor.SlowTurn) {
			mu.Lock()
			defer mu.Unlock()
			noticed = fmt.Sprintf("a turn took more than %v, most of it in: %s", limit, turn.Callback)
		},
	})
	port, err := loop.ListenTCP(0, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &asked{service: s} }), 0, "127.0.0.1")
	if err != nil {
		return "", nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- loop.Run() }()
	return port.GetHost().String(), func() string {
		loop.CallFromThread(func() { _ = loop.Stop() }) // it runs
		if err := <-ended; err != nil {
			return err.Error()
		}
		mu.Lock()
		defer mu.Unlock()
		return noticed
	}, nil
}
