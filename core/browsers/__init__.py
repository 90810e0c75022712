"""What other genome browsers read: track hubs, IGV sessions, JBrowse configurations, twoBit."""
