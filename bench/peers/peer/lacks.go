package peer

// lack is something that ours does and some of the others do not.
type lack struct {
	what string
	who  map[string]string // by name: why, or in what form; absent: it does it
}

func lacks(string) []string { return nil }
