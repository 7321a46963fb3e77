package deferred

import (
	"errors"
	"fmt"
)

// ErrAlreadyCalled is the panic value of a second Callback or Errback, as it is
// or, with SetDebugging, wrapped with where the first came from:
// twisted/internet/defer.py:34 AlreadyCalledError. It is also that of a
// Callback of a Deferred whose result comes from another one.
var ErrAlreadyCalled = errors.New("deferred: the result is already there: Callback or Errback was called twice")

// ErrCancelled is the result of a Deferred that was cancelled:
// twisted/internet/defer.py:39 CancelledError.
var ErrCancelled = errors.New("deferred: cancelled")

// ErrTimeout is the result of a Deferred that AddTimeout cancelled, wrapped
// with the time it had: twisted/internet/defer.py:45 TimeoutError.
var ErrTimeout = errors.New("deferred: no result in time")

// ErrCircular is the result of a Deferred that one of its own steps told to
// wait for itself.
var ErrCircular = errors.New("deferred: a step returned the Deferred that it belongs to, which would wait for itself for ever")

// ErrNilDeferred is the result where a function that must return a Deferred
// returned nil.
var ErrNilDeferred = errors.New("deferred: a function returned a nil Deferred: return Succeed of a value instead")

// ErrNilError is the panic value of Errback and Fail without an error:
// twisted/python/failure.py:82 NoCurrentExceptionError.
var ErrNilError = errors.New("deferred: Errback and Fail need an error that is not nil: use Callback or Succeed for a value")

// ErrNilStep is the panic value of an Add without a function.
var ErrNilStep = errors.New("deferred: a step needs a function that is not nil")

// PanicError is the result of a step that panicked: the one error with a stack,
// which every twisted/python/failure.py:145 Failure has.
type PanicError struct {
	// Value is what panic was called with.
	Value any
	// Stack is the text of the goroutine's stack, the panic's place included.
	Stack []byte
}

// Error tells the value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in a callback: %v", e.Value) }

// Unwrap gives the panic's value if that is an error.
func (e *PanicError) Unwrap() error { err, _ := e.Value.(error); return err }

// FirstError is the error of a list that one member's error fired:
// twisted/internet/defer.py:692 FirstError.
type FirstError struct {
	// Err is the member's error.
	Err error
	// Index is the member's place in the list, from 0.
	Index int
}

// Error tells which member it was, and its error.
func (e *FirstError) Error() string {
	return fmt.Sprintf("deferred: member %d of the list failed first: %v", e.Index, e.Err)
}

// Unwrap gives the member's error.
func (e *FirstError) Unwrap() error { return e.Err }
