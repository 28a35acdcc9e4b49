"""Pure knowledge of sharing, tariffs, compensation, gains and settlement. Money is whole øre."""
