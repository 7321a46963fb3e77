package web

import (
	"context"
	"net/http"
)

// Stage is what can be done to the herd from the page, such as by the demo. Its
// methods may be called on any goroutine.
type Stage interface {
	// State is how things stand. It is asked for all the time.
	State() State
	// Do does something, and returns once it is done. The error says why it could not
	// be, to who is at the page.
	Do(ctx context.Context, a Act) error
}

// State is what was done to the herd.
type State struct {
	Open bool   `json:"open"` // whether anything can be done now
	Note string `json:"note"` // what goes on, to who is at the page; may be empty

	Stopped []string    `json:"stopped"` // servers that do not run
	Cut     [][2]string `json:"cut"`     // links, by their servers
}

// Act is something to do: stop, kill or start a Server, cut or mend its link to Peer.
type Act struct {
	What   string `json:"what"`
	Server string `json:"server"`
	Peer   string `json:"peer"`
}

// maxAct bounds an Act's bytes.
const maxAct = 4 << 10

// act does what the body asks for, and answers once it is done.
func (p *Page) act(w http.ResponseWriter, r *http.Request) {
	var a Act
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAct)).Decode(&a); err != nil {
		refuse(w, http.StatusBadRequest, "that is nothing to do")
		return
	}
	if err := p.Stage.Do(r.Context(), a); err != nil {
		refuse(w, http.StatusConflict, err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
