package native

import "time"

// pace bounds how often something may happen: a burst at once, then so many times
// per second. Its owner's lock guards it.
type pace struct {
	burst, perSecond, left float64
	last                   time.Time
}

func newPace(burst, perSecond float64) pace {
	return pace{burst: burst, perSecond: perSecond, left: burst, last: time.Now()}
}

// allow reports whether it may happen now, and counts it if so.
func (p *pace) allow() bool {
	now := time.Now()
	p.left = min(p.burst, p.left+now.Sub(p.last).Seconds()*p.perSecond)
	p.last = now
	if p.left < 1 {
		return false
	}
	p.left--
	return true
}
