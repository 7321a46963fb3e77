// Package lines has scenarios of a LineReceiver.
package lines

import (
	"errors"

	"proxyherd/protocols"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
)

// errWhy is what a callback returns where Twisted's returns a true value.
var errWhy = errors.New("the callback returned an error")

// receiver is the protocol on the stage. Its twin is Receiver in lines.py.
type receiver struct {
	protocols.LineReceiver
	stage    *scenario.Stage
	override bool  // LineLengthExceeded
	result   error // of the callback under way
}

// callback notes an event and plays what the script has for it. Its result is
// what the statement "return" made of it.
func (r *receiver) callback(kind string, data []byte) error {
	r.stage.Note(kind, scenario.Quote(data))
	outer := r.result
	r.result = nil
	r.stage.Enter(kind)
	result := r.result
	r.result = outer
	return result
}

func (r *receiver) LineReceived(line []byte) error { return r.callback("line", line) }

func (r *receiver) RawDataReceived(data []byte) error { return r.callback("raw", data) }

func (r *receiver) LineLengthExceeded(line []byte) error {
	err := r.callback("exceeded", line)
	if !r.override {
		return r.LineReceiver.LineLengthExceeded(line)
	}
	return err
}

// do plays one statement.
func (r *receiver) do(w scenario.Words) {
	switch w.Word(0) {
	case "delimiter":
		r.Delimiter = w.Bytes(1)
	case "max":
		r.MaxLength = w.Int(1)
	case "override":
		r.override = true
	case "data":
		r.returned(r.DataReceived(r, w.Bytes(1)))
	case "lineMode":
		r.returned(r.SetLineMode(w.Bytes(1)))
	case "rawMode":
		r.SetRawMode()
	case "clear":
		r.stage.Note("cleared", scenario.Quote(r.ClearLineBuffer()))
	case "pause":
		r.PauseProducing()
	case "resume":
		r.ResumeProducing()
	case "stop":
		r.StopProducing()
	case "send":
		r.SendLine(w.Bytes(1))
	case "lose":
		r.Transport.LoseConnection()
	case "return":
		r.result = errWhy
	case "raise":
		panic(noting.Boom{})
	}
}

// returned notes whether there was a true value, and in ours an error.
func (r *receiver) returned(err error) {
	if err != nil {
		r.stage.Note("returned", "something")
	} else {
		r.stage.Note("returned", "nothing")
	}
}

// play plays a script.
func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		r := &receiver{stage: stage}
		r.MakeConnection(r, &noting.Transport{Stage: stage})
		return r.do
	})
}
