"""Every address × every role × own and other organisation × ordinary, fortrolig, strengt fortrolig: only declared cells allow."""
