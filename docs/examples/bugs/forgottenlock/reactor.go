package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// counting counts lines on the loop, one after the other: there is nothing to guard.
type counting struct {
	protocols.LineReceiver
	reports reports
}

func (c *counting) LineReceived(line []byte) error {
	c.reports.count(string(line))
	c.SendLine([]byte("counted"))
	return nil
}

func onReactor(r reports) (address string, stop func() error, err error) {
	loop := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
	port, err := loop.ListenTCP(0, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &counting{reports: r} }), 0, "127.0.0.1")
	if err != nil {
		return "", nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- loop.Run() }()
	return port.GetHost().String(), func() error {
		loop.CallFromThread(func() { _ = loop.Stop() }) // it runs
		return <-ended
	}, nil
}
