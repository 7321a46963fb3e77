package deferred

import "errors"

// A Failure of Twisted's is an error here: its value is the error itself, its
// type is asked with errors.Is and errors.As, its message is Error(), and a
// traceback is had where there was a panic, in PanicError.Stack.

// Check gives the first of kinds that err is, by errors.Is, or nil:
// twisted/python/failure.py:347 check. Kinds that other kinds are, as in
// package reactor, match as subclasses do.
func Check(err error, kinds ...error) error {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}

// Trap is for the beginning of an errback that takes care of some kinds only:
// twisted/python/failure.py:316 trap. matched is the first of kinds that err
// is; if there is none, other is err, to be returned so that the next errback
// sees it.
//
//	kind, err := deferred.Trap(err, reactor.ErrTimeout, reactor.ErrConnectionRefused)
//	if err != nil {
//		return page, err
//	}
func Trap(err error, kinds ...error) (matched, other error) {
	if matched = Check(err, kinds...); matched == nil {
		return nil, err
	}
	return matched, nil
}
