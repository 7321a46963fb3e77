// Package lineonly has scenarios of a LineOnlyReceiver.
package lineonly

import (
	"errors"

	"proxyherd/protocols"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
)

// errWhy is what an override returns where Twisted's returns a true value.
var errWhy = errors.New("the override returned an error")

// receiver is the protocol on the stage. Its twin is Receiver in lineonly.py.
type receiver struct {
	protocols.LineOnlyReceiver
	stage    *scenario.Stage
	override bool
	result   error // of the override
}

func (r *receiver) LineReceived(line []byte) error {
	r.stage.Note("line", scenario.Quote(line))
	r.stage.Enter("line")
	return nil
}

func (r *receiver) LineLengthExceeded(line []byte) error {
	if !r.override {
		r.stage.Note("exceeded", scenario.Quote(line), "default")
		return r.LineOnlyReceiver.LineLengthExceeded(line)
	}
	r.stage.Note("exceeded", scenario.Quote(line), "overridden")
	r.result = nil
	r.stage.Enter("exceeded")
	return r.result
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
		if err := r.DataReceived(r, w.Bytes(1)); err != nil {
			r.stage.Note("returned", "something")
		} else {
			r.stage.Note("returned", "nothing")
		}
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

func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		r := &receiver{stage: stage}
		r.MakeConnection(r, &noting.Transport{Stage: stage})
		return r.do
	})
}
