package service

import (
	"errors"
	"fmt"
	"slices"

	"proxyherd/reactor/deferred"
)

// MultiService holds services: twisted/application/service.py:257
// MultiService. The zero value holds none.
type MultiService struct {
	Base
	children []Service // in the order in which they were added
}

var _ interface {
	Service
	PrivilegedService
} = (*MultiService)(nil)

// Services are the children, in the order in which they were added. The slice
// is the caller's.
func (m *MultiService) Services() []Service { return slices.Clone(m.children) }

// GetServiceNamed is the child of that name: twisted/application/service.py:293.
func (m *MultiService) GetServiceNamed(name string) (Service, bool) {
	for _, child := range m.children {
		if child.base().Name == name {
			return child, true
		}
	}
	return nil, false
}

// AddService adds a child, and starts it if m runs. A child of another parent
// leaves that one first, and is stopped if that runs; that is not waited for.
// twisted/application/service.py:299, with setServiceParent (:181). It returns
// ErrNameTaken, or why the child did not start; then it was not added.
func (m *MultiService) AddService(child Service) error {
	b := child.base()
	if _, taken := m.GetServiceNamed(b.Name); taken && b.Name != "" {
		return fmt.Errorf("adding the service %q: %w", b.Name, ErrNameTaken)
	}
	if b.parent != nil {
		_, _ = b.parent.RemoveService(child) // it is one of that parent's
	}
	b.parent = m
	m.children = append(m.children, child)
	if !m.Running {
		return nil
	}
	err := privilegedStart(child)
	if err == nil {
		err = child.StartService()
	}
	if err != nil {
		stopped := child.StopService() // what it has begun
		m.forget(child)
		return errors.Join(fmt.Errorf("starting the service %q: %w", b.Name, err), failure(stopped))
	}
	return nil
}

// RemoveService takes a child out, and stops it if m runs: then the Deferred,
// which may be nil, is that of its StopService.
// twisted/application/service.py:311.
func (m *MultiService) RemoveService(child Service) (*deferred.Deferred[struct{}], error) {
	if child.base().parent != m {
		return nil, fmt.Errorf("removing the service %q: %w", child.base().Name, ErrNotChild)
	}
	m.forget(child)
	if !m.Running {
		return nil, nil
	}
	return child.StopService(), nil
}

func (m *MultiService) forget(child Service) {
	child.base().parent = nil
	m.children = slices.DeleteFunc(m.children, func(s Service) bool { return s == child })
}

// PrivilegedStartService has the children do what needs privileges:
// twisted/application/service.py:274.
func (m *MultiService) PrivilegedStartService() error {
	for _, child := range m.Services() {
		if err := privilegedStart(child); err != nil {
			return fmt.Errorf("preparing the service %q: %w", child.base().Name, err)
		}
	}
	return nil
}

func privilegedStart(s Service) error {
	if privileged, ok := s.(PrivilegedService); ok {
		return privileged.PrivilegedStartService()
	}
	return nil
}

// StartService starts the children in order: twisted/application/service.py:279.
// If one does not start, those before it are stopped, and its error is
// returned; in Twisted they would run on.
func (m *MultiService) StartService() error {
	m.Running = true
	for _, child := range m.Services() {
		if err := child.StartService(); err != nil {
			return errors.Join(fmt.Errorf("starting the service %q: %w", child.base().Name, err), failure(m.StopService()))
		}
	}
	return nil
}

// StopService stops the children, the last one first:
// twisted/application/service.py:284. It does not wait for one before it stops
// the next; the Deferred waits for all, and fails with all that went wrong.
func (m *MultiService) StopService() *deferred.Deferred[struct{}] {
	m.Running = false
	var stopping []*deferred.Deferred[struct{}]
	for _, child := range slices.Backward(m.Services()) {
		if d := child.StopService(); d != nil {
			stopping = append(stopping, d)
		}
	}
	all := deferred.DeferredList(stopping, deferred.ListOptions{ConsumeErrors: true})
	return deferred.Then(all, func(results []deferred.Result[struct{}]) (struct{}, error) {
		var errs []error
		for _, r := range results {
			errs = append(errs, r.Err)
		}
		return struct{}{}, errors.Join(errs...)
	})
}

// failure is the error of a Deferred that has failed already.
func failure(d *deferred.Deferred[struct{}]) (failed error) {
	if d != nil && d.Called() {
		d.AddErrback(func(err error) (struct{}, error) { failed = err; return struct{}{}, nil })
	}
	return failed
}
