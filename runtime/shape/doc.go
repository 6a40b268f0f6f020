// Package shape fits a result into a token budget.
package shape
