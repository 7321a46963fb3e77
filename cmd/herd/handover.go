package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

// json is what parent and child read and write alike.
var json = jsoniter.ConfigCompatibleWithStandardLibrary

// supervisedFlag is the flag, not shown in the help, that makes a command a
// child of herd up: its standard input is its parent's end of a pipe.
const supervisedFlag = "supervised"

// errNoHandover is a server that was told that it has a parent, and has none.
var errNoHandover = errors.New("--" + supervisedFlag + " is for the children of herd up; leave it out")

// handover is what herd up gives each server through its standard input, as one
// line of JSON. So the secret stands in no argument, environment or file, and all
// servers of a run have one config, whatever becomes of its file meanwhile.
type handover struct {
	Config herd.Config `json:"config"`
	Keys   [][]byte    `json:"keys"`
}

func (h handover) line() ([]byte, error) {
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("handing the config to the servers: %w", err)
	}
	return append(line, '\n'), nil
}

// takeOver reads the parent's line, and returns what it held and a channel that
// is closed when the parent is gone.
func takeOver(stdin io.Reader) (handover, <-chan struct{}, error) {
	in := bufio.NewReader(stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return handover{}, nil, usageError{errNoHandover}
	}
	var h handover
	if err := json.Unmarshal(line, &h); err != nil {
		return handover{}, nil, usageError{fmt.Errorf("%w: %w", errNoHandover, err)}
	}
	return h, endOf(in), nil
}

// endOf returns a channel that is closed when in has ended.
func endOf(in io.Reader) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// However it ends, there is nobody at the other end any more.
		_, _ = io.Copy(io.Discard, in)
	}()
	return ended
}
