//go:build !unix

package main

import "time"

// cpu is known on Unix alone.
func cpu() time.Duration { return 0 }
