// Package netstrings has scenarios of a NetstringReceiver.
package netstrings

import (
	"proxyherd/protocols"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
)

// receiver is the protocol on the stage. Its twin is Receiver in netstrings.py.
type receiver struct {
	protocols.NetstringReceiver
	stage *scenario.Stage
}

func (r *receiver) StringReceived(s []byte) error {
	r.stage.Note("string", scenario.Quote(s))
	r.stage.Enter("string")
	return nil
}

// do plays one statement.
func (r *receiver) do(w scenario.Words) {
	switch w.Word(0) {
	case "max":
		r.MaxLength = w.Int(1)
	case "data":
		if len(w.Bytes(1)) == 0 {
			return // no transport delivers nothing
		}
		if err := r.DataReceived(r, w.Bytes(1)); err != nil {
			r.stage.Note("returned", "something")
		} else if r.BrokenPeer {
			r.stage.Note("returned", "broken")
		} else {
			r.stage.Note("returned", "good")
		}
	case "send":
		r.SendString(w.Bytes(1))
	case "lose":
		r.Transport.LoseConnection()
	case "connect":
		r.MakeConnection(r, &noting.Transport{Stage: r.stage})
	case "raise":
		panic(noting.Boom{})
	}
}

func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		r := &receiver{stage: stage}
		r.do(scenario.Words{"connect"})
		return r.do
	})
}
