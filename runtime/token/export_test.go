package token

// Load loads a vocabulary anew, as Open does once.
func Load(name string) error {
	_, err := loadVocabulary(name)
	return err
}
