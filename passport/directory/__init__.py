"""Who is who among companies: enterprise identities, the directory of them, trust lists made from it, the register."""
