"""What operators see. Ids name the admin types; what could copy a card or open a door is left out."""
