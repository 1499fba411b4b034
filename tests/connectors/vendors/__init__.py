"""What each vendor's connector does beyond the contract of all."""
