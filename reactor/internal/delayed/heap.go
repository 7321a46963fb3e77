package delayed

// callHeap has the call that is due first at 0. Unlike container/heap it knows the
// type of what it holds: a loop asks it several times a turn.
type callHeap []*Call

// before orders calls by time, then by number.
func (call *Call) before(other *Call) bool {
	return call.time < other.time || call.time == other.time && call.number < other.number
}

func (h *callHeap) push(call *Call) {
	*h = append(*h, call)
	h.up(len(*h) - 1)
}

// pop takes the first call; there must be one.
func (h *callHeap) pop() *Call {
	all := *h
	first, last := all[0], len(all)-1
	all[0] = all[last]
	all[last] = nil
	*h = all[:last]
	if last > 0 {
		h.down(0)
	}
	first.index = notThere
	return first
}

// sooner finds the place of a call that is now due earlier.
func (h callHeap) sooner(call *Call) { h.up(int(call.index)) }

// order makes a heap of calls in any order.
func (h callHeap) order() {
	for i := range h {
		h.up(i)
	}
}

// up moves the call at i to the front, as far as it belongs.
func (h callHeap) up(i int) {
	call := h[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !call.before(h[parent]) {
			break
		}
		h.put(i, h[parent])
		i = parent
	}
	h.put(i, call)
}

// down moves the call at i to the back, as far as it belongs.
func (h callHeap) down(i int) {
	call := h[i]
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1].before(h[child]) {
			child++
		}
		if !h[child].before(call) {
			break
		}
		h.put(i, h[child])
		i = child
	}
	h.put(i, call)
}

func (h callHeap) put(i int, call *Call) {
	h[i] = call
	call.index = int32(i)
}
