package herd

import "time"

// Status is what a server says about itself: on its status page, and in tests.
// It is plain data, a copy that nobody changes.
type Status struct {
	Name     string    `json:"name"`
	Design   string    `json:"design"`
	Boot     string    `json:"boot"` // as in the HELLO
	Started  time.Time `json:"started"`
	Stopping bool      `json:"stopping"`
	Clients  string    `json:"clients"` // the address that is listened on
	Peers    string    `json:"peers"`

	Connections int   `json:"connections"` // clients connected
	Refused     int64 `json:"refused"`     // clients turned away because there were too many
	Waiting     int   `json:"waiting"`     // WHATSATs that wait for the upstream
	Records     int   `json:"records"`
	RecordBytes int64 `json:"record_bytes"`

	Counters Counters     `json:"counters"`
	Links    []LinkStatus `json:"links"` // in the order of talks_to
}

// LinkStatus is how a server stands with one neighbour.
type LinkStatus struct {
	Peer     string `json:"peer"`
	Up       bool   `json:"up"`
	Role     Role   `json:"role,omitempty"` // this server's, while up
	Boot     string `json:"boot,omitempty"` // the neighbour's, while up
	Changed  int    `json:"changed"`        // clients noted for a neighbour that is slow
	Dumping  bool   `json:"dumping"`        // the whole store is on its way to it
	Opened   int64  `json:"opened"`         // links opened so far
	LastLost string `json:"last_lost,omitempty"`
}
