package service_test

import (
	"errors"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/service"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBroken = errors.New("broken")

// part is a service that notes what it is told.
type part struct {
	service.Base
	told     *[]string
	unready  error                        // what PrivilegedStartService returns
	fails    error                        // what StartService returns
	stopping *deferred.Deferred[struct{}] // what StopService returns
}

func (p *part) note(what string) { *p.told = append(*p.told, what+" "+p.Name) }

func (p *part) PrivilegedStartService() error { p.note("prepare"); return p.unready }

func (p *part) StartService() error {
	p.note("start")
	p.Running = p.fails == nil
	return p.fails
}

func (p *part) StopService() *deferred.Deferred[struct{}] {
	p.note("stop")
	p.Running = false
	return p.stopping
}

// tree is a parent with a child for each name.
func tree(t *testing.T, names ...string) (parent *service.MultiService, children []*part, told *[]string) {
	t.Helper()
	parent, told = &service.MultiService{}, new([]string)
	for _, name := range names {
		child := &part{Base: service.Base{Name: name}, told: told}
		wantErr(t, parent.AddService(child), nil)
		children = append(children, child)
	}
	return parent, children, told
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func wantTold(t *testing.T, told *[]string, want ...string) {
	t.Helper()
	if !slices.Equal(*told, want) {
		t.Fatalf("told %q, want %q", *told, want)
	}
	*told = nil
}

// result is what a Deferred has given so far.
type result struct {
	fired int
	err   error
}

func watch(d *deferred.Deferred[struct{}]) *result {
	r := new(result)
	d.AddBoth(func(_ struct{}, err error) (struct{}, error) {
		r.fired++
		r.err = err
		return struct{}{}, nil
	})
	return r
}

func (r *result) want(t *testing.T, fired int, err error) {
	t.Helper()
	if r.fired != fired || !errors.Is(r.err, err) {
		t.Fatalf("fired %d times, with %v; want %d, with %v", r.fired, r.err, fired, err)
	}
}

// TestMultiService is twisted/test/test_application.py's TestService, and SV1.
func TestMultiService(t *testing.T) {
	t.Run("knows its children, and they know it", func(t *testing.T) {
		parent, children, _ := tree(t, "a", "b", "")
		services := parent.Services()
		if len(services) != 3 || services[0] != children[0] || services[1] != children[1] {
			t.Fatalf("children are %v", services)
		}
		if children[0].Parent() != parent {
			t.Fatalf("the parent is %p, want %p", children[0].Parent(), parent)
		}
		services[0] = nil // the slice is ours
		if found, ok := parent.GetServiceNamed("a"); !ok || found != children[0] {
			t.Fatalf("found %v", found)
		}
		if _, ok := parent.GetServiceNamed("c"); ok {
			t.Fatal("found one that is not there")
		}
	})
	t.Run("refuses a name that is taken, but any number without one", func(t *testing.T) {
		parent, _, told := tree(t, "a", "", "")
		wantErr(t, parent.AddService(&part{Base: service.Base{Name: "a"}, told: told}), service.ErrNameTaken)
		if n := len(parent.Services()); n != 3 {
			t.Fatalf("%d children", n)
		}
	})
	t.Run("starts in order and stops in reverse", func(t *testing.T) {
		parent, children, told := tree(t, "a", "b")
		wantErr(t, parent.PrivilegedStartService(), nil)
		wantErr(t, parent.StartService(), nil)
		wantTold(t, told, "prepare a", "prepare b", "start a", "start b")
		if !parent.Running || !children[0].Running {
			t.Fatal("does not run")
		}
		watch(parent.StopService()).want(t, 1, nil)
		wantTold(t, told, "stop b", "stop a")
		if parent.Running || children[0].Running {
			t.Fatal("runs")
		}
	})
	t.Run("has stopped when every child has, and tells what went wrong", func(t *testing.T) {
		parent, children, _ := tree(t, "a", "b", "c")
		children[0].stopping = deferred.New[struct{}](nil)
		children[1].stopping = deferred.New[struct{}](nil)
		stopped := watch(parent.StopService())
		children[0].stopping.Errback(errBroken)
		stopped.want(t, 0, nil)
		children[1].stopping.Callback(struct{}{})
		stopped.want(t, 1, errBroken)
	})
	t.Run("a child that does not start has the others stopped", func(t *testing.T) {
		parent, children, told := tree(t, "a", "b", "c")
		children[1].fails = errBroken
		wantErr(t, parent.StartService(), errBroken)
		wantTold(t, told, "start a", "start b", "stop c", "stop b", "stop a")
		if parent.Running {
			t.Fatal("runs")
		}
	})
	t.Run("added to one that runs, a child is started at once", func(t *testing.T) {
		parent, _, told := tree(t)
		wantErr(t, parent.StartService(), nil)
		wantErr(t, parent.AddService(&part{Base: service.Base{Name: "late"}, told: told}), nil)
		wantTold(t, told, "prepare late", "start late")
		broken := &part{Base: service.Base{Name: "broken"}, told: told, fails: errBroken}
		wantErr(t, parent.AddService(broken), errBroken)
		if n := len(parent.Services()); n != 1 || broken.Parent() != nil {
			t.Fatalf("%d children, or the one that failed is one", n)
		}
	})
	t.Run("a child that cannot be prepared is an error", func(t *testing.T) {
		parent, children, told := tree(t, "a", "b")
		children[0].unready = errBroken
		wantErr(t, parent.PrivilegedStartService(), errBroken)
		wantTold(t, told, "prepare a")
	})
	t.Run("an error of the stop after a failed start is told too", func(t *testing.T) {
		parent, children, _ := tree(t, "a", "b")
		children[0].fails = errBroken
		errStop := errors.New("cannot stop either")
		children[1].stopping = deferred.Fail[struct{}](errStop)
		err := parent.StartService()
		wantErr(t, err, errBroken)
		wantErr(t, err, errStop)
	})
	t.Run("removed from one that does not run, a child is only removed", func(t *testing.T) {
		parent, children, told := tree(t, "a")
		d, err := parent.RemoveService(children[0])
		wantErr(t, err, nil)
		if d != nil || len(parent.Services()) != 0 || children[0].Parent() != nil {
			t.Fatal("not removed")
		}
		wantTold(t, told)
	})
	t.Run("removed from one that runs, a child is stopped", func(t *testing.T) {
		parent, children, told := tree(t, "a", "b")
		wantErr(t, parent.StartService(), nil)
		*told = nil
		children[0].stopping = deferred.New[struct{}](nil)
		d, err := parent.RemoveService(children[0])
		wantErr(t, err, nil)
		if d != children[0].stopping {
			t.Fatal("the Deferred is not the child's")
		}
		wantTold(t, told, "stop a")
		_, err = parent.RemoveService(children[0])
		wantErr(t, err, service.ErrNotChild)
	})
	t.Run("added to another parent, a child leaves the one it has", func(t *testing.T) {
		parent, children, told := tree(t, "a")
		wantErr(t, parent.StartService(), nil)
		var other service.MultiService
		wantErr(t, other.AddService(children[0]), nil)
		wantTold(t, told, "start a", "stop a")
		if children[0].Parent() != &other || len(parent.Services()) != 0 {
			t.Fatal("not moved")
		}
	})
}

// TestInterfaces is twisted/test/test_application.py's TestInterfaces.
func TestInterfaces(t *testing.T) {
	for _, s := range []service.Service{
		&service.MultiService{}, &service.StreamServerEndpointService{}, &service.TCPClient{}, &service.TimerService{},
	} {
		// One that never ran has nothing to stop.
		if d := s.StopService(); d != nil && !d.Called() {
			t.Errorf("%T waits for something", s)
		}
		var parent service.MultiService
		wantErr(t, parent.AddService(s), nil)
	}
}
