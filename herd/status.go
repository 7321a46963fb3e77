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
	Shared      int64 `json:"shared"`      // WHATSATs that joined an equal one that waited
	Records     int   `json:"records"`
	RecordBytes int64 `json:"record_bytes"`

	Counters Counters     `json:"counters"`
	Links    []LinkStatus `json:"links"` // in the order of talks_to

	// Upstream is nil where nobody counts what is asked there.
	Upstream *UpstreamStatus `json:"upstream,omitempty"`
}

// UpstreamStatus is what a server's questions to the upstream came to. Every
// question that was asked ends in one of Answered to Broken. The fields are
// those of package upstream's Stats, in their order, so that one converts into
// the other.
type UpstreamStatus struct {
	Asked    int64 `json:"asked"`
	Requests int64 `json:"requests"` // sent, those of Retried among them
	Retried  int64 `json:"retried"`  // second attempts
	Shared   int64 `json:"shared"`   // questions that joined an equal one under way
	Cached   int64 `json:"cached"`   // questions answered from the cache

	Answered    int64 `json:"answered"`
	Timeouts    int64 `json:"timeouts"`
	Withdrawn   int64 `json:"withdrawn"` // the client was gone
	Unreachable int64 `json:"unreachable"`
	CutOff      int64 `json:"cut_off"`
	TooLong     int64 `json:"too_long"`
	NotJSON     int64 `json:"not_json"`
	Refused     int64 `json:"refused"` // answered with an error
	Limited     int64 `json:"limited"` // asked too often, or not asked for that reason
	Resting     int64 `json:"resting"` // not asked, as too many before had failed
	Broken      int64 `json:"broken"`  // this program's own fault

	Breaker     string `json:"breaker"`      // closed (all is well), open or half-open
	PausedUntil int64  `json:"paused_until"` // when it may be asked again, in seconds since 1970; 0: now
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
