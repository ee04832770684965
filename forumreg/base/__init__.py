"""The ground floor: clock, errors, references, folding of names and addresses. Imports nothing of ours."""
