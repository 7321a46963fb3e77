// Package intn has scenarios of the IntNStringReceivers.
package intn

import (
	"bytes"
	"errors"
	"fmt"

	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
)

// receiver is what the three types have in common. Its twin is in intn.py.
type receiver struct {
	stage    *scenario.Stage
	self     reactor.Protocol // the whole value
	base     *protocols.IntNStringReceiver
	override bool
}

type (
	int8Receiver struct {
		protocols.Int8StringReceiver
		receiver
	}
	int16Receiver struct {
		protocols.Int16StringReceiver
		receiver
	}
	int32Receiver struct {
		protocols.Int32StringReceiver
		receiver
	}
)

// connected makes a receiver whose prefix has so many bits, and its connection.
func connected(stage *scenario.Stage, bits int) (r *receiver) {
	var self reactor.Protocol
	var base *protocols.IntNStringReceiver
	switch bits {
	case 8:
		p := &int8Receiver{}
		self, base, r = p, &p.IntNStringReceiver, &p.receiver
	case 16:
		p := &int16Receiver{}
		self, base, r = p, &p.IntNStringReceiver, &p.receiver
	default:
		p := &int32Receiver{}
		self, base, r = p, &p.IntNStringReceiver, &p.receiver
	}
	*r = receiver{stage: stage, self: self, base: base}
	self.MakeConnection(self, &noting.Transport{Stage: stage})
	return r
}

func (r *receiver) StringReceived(s []byte) error {
	r.stage.Note("string", scenario.Quote(s))
	r.stage.Enter("string")
	return nil
}

func (r *receiver) LengthLimitExceeded(length int) error {
	r.stage.Note("exceeded", length)
	r.stage.Enter("exceeded")
	if r.override {
		return nil
	}
	return r.base.LengthLimitExceeded(length)
}

// do plays one statement.
func (r *receiver) do(w scenario.Words) {
	switch w.Word(0) {
	case "max":
		r.base.MaxLength = w.Int(1)
	case "override":
		r.override = true
	case "data":
		if err := r.self.DataReceived(r.self, w.Bytes(1)); err != nil {
			r.stage.Note("returned", err)
		} else {
			r.stage.Note("returned")
		}
	case "send":
		r.send(w.Bytes(1))
	case "sendMany":
		r.send(bytes.Repeat([]byte("x"), w.Int(1)))
	case "pause":
		r.base.PauseProducing()
	case "resume":
		r.base.ResumeProducing()
		r.stage.Note("resumed")
	case "stop":
		r.base.StopProducing()
	case "lose":
		r.base.Transport.LoseConnection()
	case "raise":
		panic(noting.Boom{})
	}
}

func (r *receiver) send(s []byte) {
	switch err := r.base.SendString(s); {
	case errors.Is(err, protocols.ErrStringTooLong):
		r.stage.Note("refused", len(s))
	case err != nil:
		r.stage.Note("refused", fmt.Sprintf("for a reason that is not foreseen: %v", err))
	}
}

// play plays a script. The first statement settles the length of the prefix.
func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		var r *receiver
		return func(w scenario.Words) {
			if r == nil {
				bits := 32
				if w.Word(0) == "prefix" {
					bits = w.Int(1)
				}
				r = connected(stage, bits)
			}
			r.do(w)
		}
	})
}
