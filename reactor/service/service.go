// Package service starts and stops the parts of a program together, as a tree:
// twisted/application/service.py and internet.py.
//
// A part is a [Service]. A [MultiService] holds others, starts them in order
// and stops them in reverse. Services belong to the loop; the program starts
// the top one when the reactor runs, and stops it before the reactor ends:
//
//	r.CallWhenRunning(func() { err = top.StartService() })
//	r.AddSystemEventTrigger(reactor.Before, "shutdown", top.StopService)
package service

import (
	"errors"

	"proxyherd/reactor/deferred"
)

// What a MultiService refuses.
var (
	ErrNameTaken = errors.New("another child of this parent has the name: names are unique among siblings")
	ErrNotChild  = errors.New("the service is no child of this parent")
)

// Service is a part of a program: twisted/application/service.py:87 IService.
// Embed Base, and add the two methods.
type Service interface {
	// StartService starts the part. An error means that it does not run.
	StartService() error
	// StopService stops the part. The Deferred fires when it has stopped; nil
	// means that it has. A part that does not run has nothing to do.
	StopService() *deferred.Deferred[struct{}]

	base() *Base
}

// PrivilegedService is a Service with something to do before the program gives
// up its privileges: twisted/application/service.py:146.
type PrivilegedService interface {
	PrivilegedStartService() error
}

// Base is a service's place in the tree: twisted/application/service.py:155
// Service. The zero value has no name and no parent, and does not run.
type Base struct {
	// Name finds the service among its siblings; "" is none. Set it before the
	// service is added to a parent.
	Name string
	// Running says that it was started and not stopped: StartService and
	// StopService set it.
	Running bool

	parent *MultiService
}

func (b *Base) base() *Base { return b }

// Parent is the service that holds this one, nil if none does.
func (b *Base) Parent() *MultiService { return b.parent }
