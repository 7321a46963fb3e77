package reactortest

// rank is a place in time: when, in nanoseconds since 1970, and a number that
// tells apart what comes at one time. Heaps compare it much.
type rank struct {
	due    int64
	number uint64
}

func (r rank) before(o rank) bool {
	return r.due < o.due || r.due == o.due && r.number < o.number
}

// ordered is what a heap holds.
type ordered[T any] interface{ before(T) bool }

// heap has its first element at 0. Unlike container/heap it knows the type of
// what it holds, so that nothing is allocated for an element.
type heap[T ordered[T]] []T

func (h *heap[T]) push(e T) {
	all := append(*h, e)
	i := len(all) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !all[i].before(all[parent]) {
			break
		}
		all[i], all[parent] = all[parent], all[i]
		i = parent
	}
	*h = all
}

// pop takes the first element; there must be one.
func (h *heap[T]) pop() T {
	all := *h
	first, last := all[0], len(all)-1
	all[0] = all[last]
	clear(all[last:])
	all = all[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && all[child+1].before(all[child]) {
			child++
		}
		if !all[child].before(all[i]) {
			break
		}
		all[i], all[child] = all[child], all[i]
		i = child
	}
	*h = all
	return first
}
