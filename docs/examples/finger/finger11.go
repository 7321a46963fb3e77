package main

import (
	"net/netip"

	"proxyherd/reactor"
	"proxyherd/reactor/service"
)

// tcpServer is internet.TCPServer with an address.
func tcpServer(r reactor.TCP, at netip.AddrPort, factory reactor.Factory) service.Service {
	return service.TCPServer(r, int(at.Port()), factory, 0, at.Addr().String())
}

// startApplication is what twistd does with an application: it starts the
// services, and stops them before the reactor ends. (twistd also becomes another
// user, and a daemon. Here that is left to what starts the program.)
func startApplication(r reactor.Core, services ...service.Service) error {
	var application service.MultiService
	for _, s := range services {
		if err := application.AddService(s); err != nil {
			return err
		}
	}
	if err := application.StartService(); err != nil {
		return err
	}
	_, err := r.AddSystemEventTrigger(reactor.Before, "shutdown", application.StopService)
	return err
}

// finger11 is step 8 as an application of one service.
func finger11(r reactor.Reactor, s settings) error {
	factory := &FingerFactory08{users: map[string]string{"alice": "Down the rabbit hole"}}
	return startApplication(r, tcpServer(r, s.address, factory))
}
